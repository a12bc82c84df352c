create or replace function api.backtest_fail_job(
    p_sweep_id uuid,
    p_job_no   integer,
    p_claim_no integer,
    p_failure  text,
    p_now_at   timestamptz
)
returns table (
    sweep_id    uuid,
    job_no      integer,
    job_status  text,
    backtest_id uuid,
    failure     text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.job_no, f.job_status, f.backtest_id, f.failure
      from ops.fail_sweep_job(p_sweep_id, p_job_no, p_claim_no, p_failure, p_now_at) as f;
$function$;

comment on function api.backtest_fail_job(uuid, integer, integer, text, timestamptz) is
$$Ends a claimed job whose backtest was refused.$$;
