create or replace function ops.fail_sweep_job(
    p_sweep_id uuid,
    p_job_no   integer,
    p_claim_no integer,
    p_failure  text,
    p_now_at   timestamptz
)
returns lab.sweep_jobs
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from lab.lock_sweep_job(p_sweep_id, p_job_no, p_claim_no) as j
     cross join lateral lab.end_sweep_job(j, null, coalesce(p_failure, 'no reason'), p_now_at) as f;
$function$;

comment on function ops.fail_sweep_job(uuid, integer, integer, text, timestamptz) is
$$Ends a claimed job whose backtest was refused, with what was said.
Raises: MQN82; MQS84.$$;
