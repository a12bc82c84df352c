create or replace function lab.end_sweep_job(
    p_job         lab.sweep_jobs,
    p_backtest_id uuid,
    p_failure     text,
    p_now_at      timestamptz
)
returns lab.sweep_jobs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job lab.sweep_jobs := p_job;
begin
    if v_job.job_status = 'CLAIMED' then
        update lab.sweep_jobs as j
           set job_status = case when p_failure is null then 'DONE' else 'FAILED' end,
               backtest_id = case when p_failure is null then p_backtest_id end,
               failure = p_failure, ended_at = p_now_at
         where j.sweep_id = v_job.sweep_id and j.job_no = v_job.job_no
        returning j.* into v_job;
    end if;
    return v_job;
end;
$function$;

comment on function lab.end_sweep_job(lab.sweep_jobs, uuid, text, timestamptz) is
$$Ends a job that is claimed and locked, with its backtest or with what refused it; one that has ended stays
as it is.$$;
