create or replace function replay.fold_halts(
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
        select e.*, count(*) filter (where e.event_name in (
                   'RUN_CREATED', 'RUN_ARMED', 'RUN_RUNNING', 'RUN_STOPPED', 'RUN_HALTED'))
                   over (order by e.event_seq) as history_seq
          from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at and e.topic in ('RUNTIME', 'RISK')
    ), trips as (
        select s.*, row_number() over (order by s.event_seq) as trip_seq,
               row_number() over (partition by s.history_seq order by s.event_seq) as nth
          from said as s where s.event_name = 'TRIPPED'
    ), flattens as (
        select f.*, a.actor as asked_by, a.payload ->> 'reason' as reason, a.occurred_at as asked_at
          from (select distinct on (s.payload -> 'halted_seq') s.*
                  from said as s
                 where s.event_name in ('FLATTEN_ASKED', 'FLATTENED', 'FLATTEN_WAITS', 'FLATTEN_GOES_ON')
                 order by s.payload -> 'halted_seq', s.event_seq desc) as f
          join said as a
            on a.event_name = 'FLATTEN_ASKED' and a.payload -> 'halted_seq' = f.payload -> 'halted_seq'
    )
    select 'run.trips', jsonb_build_object(
               'run_id', t.chain_id, 'trip_seq', t.trip_seq,
               'trip_kind', t.payload ->> 'trip_kind', 'halted_seq', t.history_seq,
               'reason', t.payload ->> 'reason',
               'evidence', coalesce(nullif(t.payload -> 'evidence', 'null'), '{}') || jsonb_build_object(
                   'found', case when t.nth > 1 then 'HALTED' else b.status end),
               'actor', t.actor, 'tripped_at', t.occurred_at)
      from trips as t
      left join lateral (
           select replace(s.event_name, 'RUN_', '') as status from said as s
            where s.history_seq = t.history_seq - 1 and s.event_name ~ '^RUN_'
              and s.event_name <> 'RUN_APPROVED'
            order by s.event_seq limit 1) as b on true
     union all
    select 'risk.flattens', jsonb_build_object(
               'run_id', f.chain_id, 'halted_seq', f.payload -> 'halted_seq', 'reason', f.reason,
               'actor', f.asked_by, 'asked_at', f.asked_at,
               'waits_for', f.payload ->> 'waits_for',
               'done_at', case f.event_name when 'FLATTENED' then f.occurred_at end)
      from flattens as f;
$function$;

comment on function replay.fold_halts(uuid, timestamptz) is
$$Which kill switches were pulled, at which halt, and what flattening became of, as the diary tells it.$$;
