create or replace function lab.lock_sweep_job(
    p_sweep_id uuid,
    p_job_no   integer,
    p_claim_no integer
)
returns lab.sweep_jobs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job lab.sweep_jobs;
begin
    select j.* into v_job from lab.sweep_jobs as j
     where j.sweep_id = p_sweep_id and j.job_no = p_job_no
       for update;
    perform core.assert_that(found, 'MQN82', format('%s %s', p_sweep_id, p_job_no));
    perform core.assert_that(
        v_job.claim_no = p_claim_no and v_job.claim_no > 0, 'MQS84',
        format('claim %s, the last is %s', p_claim_no, v_job.claim_no));
    return v_job;
end;
$function$;

comment on function lab.lock_sweep_job(uuid, integer, integer) is
$$Locks and gives a job for the worker that has its last claim.
Raises: MQN82; MQS84 another worker has claimed it since.$$;
