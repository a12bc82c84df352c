create or replace function lab.claim_sweep_job(
    p_sweep_id      uuid,
    p_worker_name   text,
    p_lease_seconds integer,
    p_now_at        timestamptz
)
returns setof lab.sweep_jobs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        num_nulls(p_worker_name, p_lease_seconds, p_now_at) = 0, 'MQA01',
        'worker_name, lease_seconds, now_at');
    perform core.assert_that(p_lease_seconds between 1 and 86400, 'MQA02', 'lease_seconds in 1..86400');
    with worn as materialized (
        select j.sweep_id, j.job_no from lab.sweep_jobs as j
         where j.job_status = 'CLAIMED' and j.claim_no = 5 and j.expires_at <= p_now_at
           and j.sweep_id = coalesce(p_sweep_id, j.sweep_id)
         order by j.sweep_id, j.job_no
           for update skip locked
    )
    update lab.sweep_jobs as j
       set job_status = 'FAILED', ended_at = p_now_at, failure = 'claimed 5 times and never ended'
      from worn as w
     where (j.sweep_id, j.job_no) = (w.sweep_id, w.job_no);
    return query
    with claimable as materialized (
        select j.sweep_id, j.job_no from lab.sweep_jobs as j
         where j.job_status in ('PENDING', 'CLAIMED')
           and (j.job_status = 'PENDING' or j.expires_at <= p_now_at)
           and j.claim_no < 5
           and j.sweep_id = coalesce(p_sweep_id, j.sweep_id)
         order by j.sweep_id, j.job_no
         limit 1
           for update skip locked
    )
    update lab.sweep_jobs as j
       set job_status = 'CLAIMED', claim_no = j.claim_no + 1, claimed_by = p_worker_name,
           expires_at = p_now_at + make_interval(secs => p_lease_seconds)
      from claimable as c
     where (j.sweep_id, j.job_no) = (c.sweep_id, c.job_no)
    returning j.*;
end;
$function$;

comment on function lab.claim_sweep_job(uuid, text, integer, timestamptz) is
$$Gives one worker one job of a sweep, or of any (null), that nobody has or whose worker has been silent for
its lease; at most five times, then the job has failed. No row: nothing to claim.
Why: SKIP LOCKED gives a job to one worker, and a job that is being ended to none.
Raises: MQA01; MQA02.$$;
