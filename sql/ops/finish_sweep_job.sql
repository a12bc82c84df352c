create or replace function ops.finish_sweep_job(
    p_sweep_id    uuid,
    p_job_no      integer,
    p_claim_no    integer,
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns lab.sweep_jobs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job lab.sweep_jobs := lab.lock_sweep_job(p_sweep_id, p_job_no, p_claim_no);
begin
    if v_job.job_status = 'CLAIMED' then
        perform ops.finish_backtest(p_backtest_id, p_now_at);
    end if;
    return lab.end_sweep_job(v_job, p_backtest_id, null, p_now_at);
end;
$function$;

comment on function ops.finish_sweep_job(uuid, integer, integer, uuid, timestamptz) is
$$Runs the backtest of a claimed job and ends the job, in one transaction; one that has ended stays.
Raises: MQN82; MQS84; MQN81; MQS81; MQI83 a backtest of something else.$$;
