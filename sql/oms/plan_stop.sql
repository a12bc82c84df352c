create or replace function oms.plan_stop(
    p_run_id      uuid,
    p_symbol      text,
    p_mark_micros bigint,
    p_stop_bps    integer,
    p_now_at      timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held  bigint := ledger.get_position_qty(p_run_id, p_symbol);
    v_stop  oms.orders := oms.get_stop(p_run_id, p_symbol);
    v_price bigint;
    v_id    bigint;
begin
    if v_stop.pending_op <> 'NONE' then
        return 'WAITING';
    elsif v_held = 0 then
        return case when v_stop.order_id is not null
                    then oms.cancel_order(v_stop, 'the position is closed', p_now_at)
                    else oms.end_flatten(p_run_id, p_symbol, p_now_at) end;
    elsif oms.is_being_traded(p_run_id, p_symbol) then
        perform oms.cancel_order(o, 'the position is to be protected', p_now_at)
           from oms.orders as o
          where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'DAY'
            and o.order_type <> 'MARKET' and o.pending_op = 'NONE'
            and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED');
        return 'WAITING';
    elsif v_stop.order_id is not null and v_stop.leaves_qty * sign(v_stop.order_qty) <> -v_held then
        return oms.cancel_order(v_stop, 'the position has changed', p_now_at);
    end if;
    v_price := oms.compute_stop_price(
        v_held, p_mark_micros, p_stop_bps, oms.get_last_stop_micros(p_run_id, p_symbol, p_now_at));
    if v_stop.order_id is null then
        return oms.place_stop(p_run_id, p_symbol, v_held, v_price, p_now_at);
    elsif v_price <> oms.get_last_stop_micros(p_run_id, p_symbol, p_now_at) and v_stop.cum_qty = 0
          and v_stop.order_status = 'ACCEPTED'
    then
        v_id := oms.enqueue_request(
            p_run_id, v_stop.order_id, 'REPLACE', v_price, 'the stop is tightened',
            oms.get_expiry(p_symbol, p_now_at), p_now_at);
        perform audit.append_event(
            p_run_id, 'OMS', 'REPLACE_ENQUEUED',
            jsonb_build_object(
                'outbox_id', v_id, 'client_order_id', v_stop.client_order_id,
                'reason', 'the stop is tightened', 'stop_price_micros', v_price,
                'expires_at', core.format_iso(oms.get_expiry(p_symbol, p_now_at))), p_now_at);
        perform oms.settle_order(v_stop, null, 'the stop is tightened', p_now_at);
        return 'TIGHTENED';
    end if;
    return 'RESTING';
end;
$function$;

comment on function oms.plan_stop(uuid, text, bigint, integer, timestamptz) is
$$Looks after the protective stop of one symbol: one stop for the shares held, only ever tighter, none
without a position; gives what was done. While an order of the symbol works, it waits; one with prices
that has brought the position only in part is cancelled.
Why: an open position of a strategy that asks for it always has a stop that rests at the broker.$$;
