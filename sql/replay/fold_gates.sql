create or replace function replay.fold_gates(
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
        select e.* from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.event_name in ('GATE_OPENED', 'GATE_SHUT')
    ), moves as (
        select s.chain_id as run_id, s.payload ->> 'gate' as gate,
               row_number() over (partition by s.payload ->> 'gate' order by s.event_seq) as gate_seq,
               s.event_name = 'GATE_OPENED' as is_open, s.payload ->> 'reason' as reason,
               s.payload -> 'evidence' as evidence, s.actor, s.occurred_at as observed_at
          from said as s
    )
    select 'run.gate_history', to_jsonb(m) from moves as m
     union all
    select 'run.gates', to_jsonb(g)
      from (select distinct on (m.gate) m.run_id, m.gate, m.gate_seq, m.is_open
              from moves as m order by m.gate, m.gate_seq desc) as g;
$function$;

comment on function replay.fold_gates(uuid, timestamptz) is
$$The gates of a run and their history, as its diary tells them. Until when a gate is fresh is not told:
that passes by itself.$$;
