create or replace function oms.parse_message(
    p_run_id     uuid,
    p_account_id text,
    p_message    jsonb,
    p_now_at     timestamptz
)
returns oms.inbox
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(
        p_run_id, null, p_account_id,
        coalesce(p_message ->> 'message_id', 'unnamed:' || core.hash_text(p_message::text)),
        coalesce(p_message ->> 'event', 'none'),
        p_message ->> 'broker_order_id', p_message ->> 'client_order_id',
        o.order_id, p_message ->> 'execution_id',
        core.parse_shares(p_message ->> 'qty'), core.parse_micros(p_message ->> 'price'),
        core.parse_micros(coalesce(p_message ->> 'fee', '0')),
        core.parse_shares(p_message ->> 'cum_qty'), core.parse_time(p_message ->> 'at'),
        coalesce(p_message -> 'raw', p_message), p_now_at, 'APPLIED', '', null, null,
        null)::oms.inbox
      from (select) as one
      left join oms.orders as o
        on o.run_id = p_run_id and o.account_id = p_account_id
       and (o.client_order_id = p_message ->> 'client_order_id'
            or exists (
                select from oms.broker_map as m
                  join oms.outbox as b using (run_id, outbox_id)
                 where m.account_id = p_account_id
                   and m.broker_order_id = p_message ->> 'broker_order_id'
                   and b.run_id = o.run_id and b.order_id = o.order_id))
     limit 1;
$function$;

comment on function oms.parse_message(uuid, text, jsonb, timestamptz) is
$$A broker message {message_id, event, broker_order_id, client_order_id, execution_id, qty, price, fee,
cum_qty, at, raw; numbers as text} as an inbox row with its order looked up; unreadable values are null.$$;
