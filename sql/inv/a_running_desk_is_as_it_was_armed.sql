create or replace view inv.a_running_desk_is_as_it_was_armed as
select r.run_id, format('armed on %s', left(g.fingerprint, 12)) as what
  from run.runs as r
  join lateral (
    select a.fingerprint from run.armings as a
     where a.run_id = r.run_id order by a.history_seq desc limit 1) as g on true
 where r.run_status in ('ARMED', 'RUNNING')
   and g.fingerprint <> core.compute_fingerprint();

comment on view inv.a_running_desk_is_as_it_was_armed is
$$I45: While a run is armed, functions, tables, guards and grants are those that it was armed on.$$;
