create or replace view inv.a_run_has_the_limits_of_its_config as
select r.run_id, 'limits' as what
  from run.runs as r
  join run.configs as c using (config_hash)
  left join risk.limits as l using (run_id)
 where l is distinct from risk.compute_limits(r.run_id, r.initial_cash_micros, c.config -> 'risk');

comment on view inv.a_run_has_the_limits_of_its_config is
$$I59: Every run is held to the limits that its config names.$$;
