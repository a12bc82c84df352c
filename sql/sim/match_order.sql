create or replace function sim.match_order(
    p_order  sim.orders,
    p_bar    jsonb,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_account sim.accounts;
    v_order   sim.orders := p_order;
    v_price   bigint;
    v_qty     bigint;
begin
    select a.* into strict v_account from sim.accounts as a where a.account_id = p_order.account_id;
    v_price := sim.compute_fill_price(
        v_account.fill_profile, v_order.order_qty, v_order.limit_price_micros,
        case when not v_order.is_triggered then v_order.stop_price_micros end,
        (p_bar ->> 'open_micros')::bigint, (p_bar ->> 'high_micros')::bigint,
        (p_bar ->> 'low_micros')::bigint,
        sim.compute_slippage_bps(
            (p_bar ->> 'high_micros')::bigint, (p_bar ->> 'low_micros')::bigint,
            (p_bar ->> 'close_micros')::bigint, v_account.slippage_bps,
            v_account.volatility_mult_bps, v_account.max_slippage_bps));
    if not v_order.is_triggered and sim.is_triggered(
        v_order.order_qty, v_order.stop_price_micros,
        (p_bar ->> 'high_micros')::bigint, (p_bar ->> 'low_micros')::bigint)
    then
        update sim.orders as o set is_triggered = true
         where o.account_id = v_order.account_id and o.broker_order_id = v_order.broker_order_id
        returning o.* into v_order;
    end if;
    v_qty := sim.compute_fill_qty(
        abs(v_order.order_qty) - v_order.filled_qty, (p_bar ->> 'volume')::bigint,
        v_account.participation_bps);
    if v_price is not null and v_qty > 0 then
        if v_order.order_qty > 0 and v_account.cash_micros
           < v_qty * v_price
             + sim.compute_fee(v_qty, v_price, v_account.fee_per_share_micros, v_account.fee_bps)
        then
            perform sim.end_order(v_order.account_id, v_order.broker_order_id, 'REJECTED',
                                  'insufficient buying power at the fill price', p_now_at);
            return;
        end if;
        if v_qty > v_account.split_above_qty then
            v_order := sim.fill_order(v_order, v_qty / 2, v_price, p_now_at);
            v_qty := v_qty - v_qty / 2;
        end if;
        v_order := sim.fill_order(v_order, v_qty, v_price, p_now_at);
    end if;
    if v_order.order_status <> 'FILLED' and v_order.time_in_force = 'DAY'
       and coalesce((p_bar ->> 'ends_session')::boolean, true) then
        perform sim.end_order(v_order.account_id, v_order.broker_order_id, 'EXPIRED',
                              'end of the session', p_now_at);
    end if;
end;
$function$;

comment on function sim.match_order(sim.orders, jsonb, timestamptz) is
$$Plays one working order through a bar: full or partial fills, rejection for want of cash,
expiry of what is left of a DAY order when the bar ends a session.
A stop that the bar touches is triggered: what is left of it trades on without it.
Why: deterministic: the same order and bar give the same executions.$$;
