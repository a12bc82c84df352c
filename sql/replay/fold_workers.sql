create or replace function replay.fold_workers(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.*, r.payload as run
          from audit.events as e
          join audit.events as r on r.chain_id = e.chain_id and r.event_name = 'RUN_CREATED'
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.event_name in ('WORKER_REGISTERED', 'LEASE_TAKEN')
    )
    select 'run.workers', to_jsonb(w)
      from (select distinct on (s.payload ->> 'worker_kind')
                   s.chain_id as run_id, s.payload ->> 'worker_kind' as worker_kind,
                   s.payload ->> 'worker_name' as worker_name, s.payload ->> 'build' as build,
                   s.payload -> 'secret_names' as secret_names, s.actor,
                   s.occurred_at as registered_at
              from said as s where s.event_name = 'WORKER_REGISTERED'
             order by s.payload ->> 'worker_kind', s.event_seq desc) as w
     union all
    select 'run.lease_history', to_jsonb(l)
      from (select s.run ->> 'engine_id' as engine_id, s.run ->> 'account_id' as account_id,
                   s.payload ->> 'worker_kind' as worker_kind,
                   (s.payload ->> 'lease_epoch')::bigint as lease_epoch, s.chain_id as run_id,
                   s.payload ->> 'worker_name' as worker_name, s.actor, s.reported_at as taken_at
              from said as s where s.event_name = 'LEASE_TAKEN') as l;
$function$;

comment on function replay.fold_workers(uuid, timestamptz) is
$$Who works for a run and who has led, as its diary tells it.$$;
