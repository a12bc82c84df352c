create or replace function replay.fold_outbox(
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
        select e.*, (e.payload ->> 'outbox_id')::bigint as outbox_id,
               e.event_name ~ '_ENQUEUED$' as is_new
          from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.topic = 'OMS' and (e.event_name ~ '^OUTBOX_' or e.event_name ~ '_ENQUEUED$')
    ), history as (
        select s.chain_id as run_id, s.outbox_id, row_number() over w as history_seq,
               case when s.is_new then 'PENDING' else replace(s.event_name, 'OUTBOX_', '') end
                   as to_status,
               s.actor, coalesce(left(s.payload ->> 'reason', 300), 'enqueued') as reason,
               max(s.reported_at) over w as moved_at, s.reported_at, s.payload, s.event_name, s.event_seq
          from said as s
        window w as (partition by s.outbox_id order by s.event_seq)
    ), stays as (
        select h.*, h.to_status in ('CLAIMED', 'DISPATCHING') as is_taken,
               count(*) filter (where h.to_status not in ('CLAIMED', 'DISPATCHING'))
                   over (partition by h.outbox_id order by h.history_seq) as stay_no
          from history as h
    ), claims as (
        select s.*, first_value(s.reported_at)
                   over (partition by s.outbox_id, s.stay_no, s.is_taken order by s.history_seq) as taken_at
          from stays as s
    )
    select 'oms.outbox_history', to_jsonb(x)
      from (select h.run_id, h.outbox_id, h.history_seq,
                   coalesce(lag(h.to_status) over (partition by h.outbox_id order by h.history_seq),
                            'NONE') as from_status,
                   h.to_status, h.actor, h.reason, h.moved_at
              from history as h) as x
     union all
    select 'oms.outbox', to_jsonb(x)
      from (select distinct on (c.outbox_id) c.run_id, c.outbox_id, o.order_id, o.request_kind, o.lane,
                   c.to_status as outbox_status, c.history_seq as status_seq,
                   case when c.is_taken then c.payload ->> 'worker' end as claimed_by,
                   case when c.is_taken then c.taken_at end as claimed_at,
                   o.stop_price_micros, o.not_before_at, o.expires_at, o.enqueued_at
              from claims as c
              join replay.list_requests(p_run_id, p_until_at) as o using (outbox_id)
             order by c.outbox_id, c.history_seq desc) as x;
$function$;

comment on function replay.fold_outbox(uuid, timestamptz) is
$$The requests of a run and their history, as its diary tells them.$$;
