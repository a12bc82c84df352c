create or replace function ops.check_workers(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (select * from run.runs as r where r.run_id = p_run_id),
    k as (
        select k.worker_kind, w.build, w.secret_names,
               l.renewed_at > run.clamp_now(p_run_id, p_now_at) - r.deadman_ttl_ms * interval '1 ms'
                   as is_leading
          from r
          cross join unnest(array['gateway', 'broker_events', 'snapshots']) as k (worker_kind)
          left join run.workers as w on w.run_id = r.run_id and w.worker_kind = k.worker_kind
          left join run.leases as l
            on (l.engine_id, l.account_id, l.worker_kind)
               = (r.engine_id, r.account_id, k.worker_kind)
    )
    select 'workers_are_alive', bool_and(k.is_leading is true),
           coalesce(string_agg(k.worker_kind, ', ' order by k.worker_kind)
                        filter (where k.is_leading is not true)
                    || ': no sign of life', 'each leads its kind'),
           'start them: mqk worker NAME'
      from k
    having count(*) > 0
     union all
    select 'workers_run_one_build', count(distinct k.build) = 1 and bool_and(k.build is not null),
           string_agg(k.worker_kind || ' ' || coalesce(left(k.build, 12), 'unknown'), ', '
                      order by k.worker_kind),
           'install the same version everywhere, start them again'
      from k
    having count(*) > 0
     union all
    select 'secrets_are_present', count(*) = 0,
           coalesce(string_agg(k.worker_kind || ' lacks ' || n.name, ', '
                               order by k.worker_kind, n.name),
                    'every name that the config gives has a value'),
           'set the variables for these workers, start them again'
      from k
      cross join lateral (
           select n.value as name
             from r
             join run.configs as c using (config_hash)
            cross join lateral jsonb_each_text(nullif(c.config #> '{broker,keys_env}', 'null')) as n
            where c.config #>> '{broker,name}' <> 'paper') as n
     where n.name = any (k.secret_names) is not true
    having exists (select from r);
$function$;

comment on function ops.check_workers(uuid, timestamptz) is
$$The preflight checks of the workers that a running run depends on: alive, of one program, and with every
secret that the config names.$$;
