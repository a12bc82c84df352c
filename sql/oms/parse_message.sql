create or replace function oms.parse_message(
    p_run_id     uuid,
    p_account_id text,
    p_message    jsonb,
    p_now_at     timestamptz
)
returns oms.inbox
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.inbox;
begin
    v_row.run_id := p_run_id;
    v_row.account_id := p_account_id;
    v_row.broker_message_id := coalesce(
        p_message ->> 'message_id', 'unnamed:' || core.hash_text(p_message::text));
    v_row.event_kind := coalesce(p_message ->> 'event', 'none');
    v_row.broker_order_id := p_message ->> 'broker_order_id';
    v_row.client_order_id := p_message ->> 'client_order_id';
    v_row.order_id := oms.find_order(p_run_id, p_account_id, p_message);
    v_row.execution_id := p_message ->> 'execution_id';
    v_row.event_qty := core.parse_shares(p_message ->> 'qty');
    v_row.price_micros := core.parse_micros(p_message ->> 'price');
    v_row.fee_micros := core.parse_micros(coalesce(p_message ->> 'fee', '0'));
    v_row.cum_qty := core.parse_shares(p_message ->> 'cum_qty');
    v_row.position_qty := core.parse_shares(p_message ->> 'position_qty');
    v_row.total_qty := core.parse_shares(p_message ->> 'order_qty');
    v_row.previous_id := p_message ->> 'previous_execution_id';
    v_row.replaces_id := p_message ->> 'replaces';
    v_row.replaced_by_id := p_message ->> 'replaced_by';
    v_row.event_at := core.parse_time(p_message ->> 'at');
    v_row.raw := coalesce(p_message -> 'raw', p_message);
    v_row.received_at := p_now_at;
    v_row.disposition := 'APPLIED';
    v_row.reason := coalesce(p_message ->> 'reason', v_row.event_kind);
    v_row.recount_no := num_nonnulls(v_row.previous_id) + (
        select count(*) from oms.inbox as i
         where i.run_id = p_run_id and i.order_id = v_row.order_id and i.previous_id is not null
           and i.disposition in ('APPLIED', 'STALE', 'NOTED')
           and (i.event_at <= v_row.event_at) is not false);
    return v_row;
end;
$function$;

comment on function oms.parse_message(uuid, text, jsonb, timestamptz) is
$$A broker message as an inbox row with its order looked up; unreadable values are null. Keys:
message_id, event, broker_order_id, client_order_id, execution_id, qty, price, fee, cum_qty,
position_qty, order_qty, previous_execution_id, replaces, replaced_by, at, reason, raw; numbers as text.
Why by the broker's time: what happened before a bust or a correction counts as it did then, however late it
comes.$$;
