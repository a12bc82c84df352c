create or replace function lab.list_sweeps()
returns table (
    sweep_id   uuid,
    dataset_id uuid,
    grid       jsonb,
    jobs       integer,
    done       bigint,
    failed     bigint,
    claimed    bigint,
    pending    bigint,
    created_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.sweep_id, s.dataset_id, s.grid, s.jobs, count(*) filter (where j.job_status = 'DONE'),
           count(*) filter (where j.job_status = 'FAILED'),
           count(*) filter (where j.job_status = 'CLAIMED'),
           count(*) filter (where j.job_status = 'PENDING'), s.created_at
      from lab.sweeps as s join lab.sweep_jobs as j using (sweep_id)
     group by s.sweep_id
     order by s.created_at desc, s.sweep_id;
$function$;

comment on function lab.list_sweeps() is
$$How far each sweep has come, newest first.$$;
