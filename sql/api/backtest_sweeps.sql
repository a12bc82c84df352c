create or replace function api.backtest_sweeps()
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.dataset_id, f.grid, f.jobs, f.done, f.failed, f.claimed, f.pending,
           f.created_at
      from lab.list_sweeps() as f
     order by f.created_at desc, f.sweep_id;
$function$;

comment on function api.backtest_sweeps() is
$$How far each sweep has come, newest first.$$;
