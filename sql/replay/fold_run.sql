create or replace function replay.fold_run(
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
           and e.topic in ('RUNTIME', 'LEDGER')
    ), created as (
        select s.* from said as s where s.event_name = 'RUN_CREATED'
    ), moves as (
        select m.*, row_number() over (order by m.event_seq) as history_seq,
               coalesce(lag(m.to_status) over (order by m.event_seq), 'NEW') as from_status
          from (select s.*, replace(s.event_name, 'RUN_', '') as to_status
                  from said as s
                 where s.event_name in ('RUN_CREATED', 'RUN_ARMED', 'RUN_RUNNING', 'RUN_STOPPED',
                                        'RUN_HALTED')) as m
    )
    select 'run.run_history', to_jsonb(h)
      from (select m.chain_id as run_id, m.history_seq, m.from_status, m.to_status,
                   coalesce(m.payload ->> 'reason', 'created') as reason, m.actor,
                   case m.history_seq when 1 then m.reported_at else m.occurred_at end as moved_at
              from moves as m) as h
     union all
    select 'run.runs', to_jsonb(jsonb_populate_record(null::run.runs, c.payload)) || jsonb_build_object(
               'run_id', c.chain_id, 'created_by', c.actor, 'created_at', c.reported_at,
               'status_seq', l.history_seq, 'run_status', l.to_status,
               'armed_epoch', (select count(*) from moves as m where m.to_status = 'ARMED'))
      from created as c
     cross join (select m.* from moves as m order by m.history_seq desc limit 1) as l
     union all
    select 'run.universe', jsonb_build_object('run_id', c.chain_id, 'symbol', u.symbol)
      from created as c cross join jsonb_array_elements_text(c.payload -> 'symbols') as u (symbol)
     union all
    select distinct 'run.approvals', jsonb_build_object(
               'run_id', s.chain_id, 'approved_by', s.actor, 'words', s.payload ->> 'words',
               'approved_at', s.occurred_at)
      from said as s where s.event_name = 'RUN_APPROVED'
     union all
    select 'audit.chains', to_jsonb(h)
      from (select e.chain_id, e.chain_id as run_id, f.prev_hash as root_hash,
                   e.event_seq as last_seq, e.event_hash as last_hash, e.occurred_at as last_at
              from audit.events as e
              join audit.events as f on f.chain_id = e.chain_id and f.event_seq = 1
             where e.chain_id = p_run_id and e.occurred_at <= p_until_at
             order by e.event_seq desc limit 1) as h;
$function$;

comment on function replay.fold_run(uuid, timestamptz) is
$$A run as its diary tells it: terms, status and its history, universe, approvals, the diary's head.
Why: each status follows from the one before it; nothing but the diary is read.$$;
