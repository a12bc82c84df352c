create or replace function lab.tg_sweep_jobs__guard_result()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        old.job_status in ('PENDING', 'CLAIMED')
        and (new.sweep_id, new.job_no, new.config_hash, new.parameters)
            = (old.sweep_id, old.job_no, old.config_hash, old.parameters)
        and (new.job_status <> 'DONE' or exists (
            select from lab.backtests as b join lab.sweeps as s on s.sweep_id = new.sweep_id
             where b.backtest_id = new.backtest_id and b.dataset_id = s.dataset_id
               and b.config_hash = new.config_hash and b.backtest_status <> 'CREATED')),
        'MQI83', format('%s %s', old.sweep_id, old.job_no));
    return new;
end;
$function$;

comment on function lab.tg_sweep_jobs__guard_result() is
$$Refuses a change of a job that has ended, and a result that is not the ended backtest of its config on the
dataset of its sweep.
Raises: MQI83.$$;
