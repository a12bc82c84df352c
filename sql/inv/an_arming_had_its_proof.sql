create or replace view inv.an_arming_had_its_proof as
select h.run_id, format('arming %s', h.history_seq) as what
  from run.run_history as h
  left join run.armings as g using (run_id, history_seq)
  join run.runs as r using (run_id)
 where h.to_status = 'ARMED'
   and (g.config_hash = r.config_hash and g.mode = r.mode and g.armed_at = h.moved_at
        and jsonb_array_length(g.checks) > 0
        and not g.checks @? '$[*] ? (!(@.is_ok == true))') is not true;

comment on view inv.an_arming_had_its_proof is
$$I27b: Every arming kept the checks that it rests on, all passed, with config and mode of its run.$$;
