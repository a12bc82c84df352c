create or replace function risk.find_denial(
    p_limits risk.limits,
    p_facts  risk.order_facts
)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
declare
    l       alias for p_limits;
    f       alias for p_facts;
    v_rule  text;
    v_high  bigint;  v_low bigint;
    v_worst bigint;
    v_price bigint := greatest(f.mark_micros, f.limit_micros, f.stop_micros);
begin
    v_rule := case
        when f.instrument_kind = 'INDEX' then 'NOT_TRADABLE'
        when risk.is_beside_stop(f) then 'PROTECTED_POSITION'
        when risk.is_reducing(f.held_qty, f.buy_qty, f.sell_qty, f.order_qty) then 'NONE'
        when l.run_id is null then 'NO_LIMITS'
        when num_nulls(f.order_qty, f.held_qty, f.buy_qty, f.sell_qty) > 0 then 'UNKNOWN_POSITION'
        when num_nulls(f.mark_micros, f.reference_micros, f.other_gross, f.other_high, f.other_low,
                       f.equity_micros) > 0 then 'NO_REFERENCE_PRICE'
        when num_nulls(f.orders, f.messages, f.repeats) > 0 then 'UNKNOWN_RATE'
        when f.is_listed is not true then 'NOT_LISTED'
        when f.session_state is null then 'NO_SESSION'
        when l.allowed_session not in ('ANY', f.session_state) then 'SESSION_NOT_ALLOWED'
        when f.is_fresh is not true then 'STALE_PRICE'
        when f.restriction is null or f.restriction = 'TRADE' then 'RESTRICTED'
        when f.restriction = 'FORBIDDEN' then 'FORBIDDEN_PERIOD'
        when abs(f.order_qty) > l.max_order_qty then 'MAX_ORDER_QTY'
        when abs(f.order_qty) * v_price > l.max_order_notional_micros then 'MAX_ORDER_NOTIONAL'
        when risk.is_beyond_collar(l, f) then 'PRICE_COLLAR' end;
    if v_rule is not null then
        return nullif(v_rule, 'NONE');
    end if;
    v_high := (f.held_qty + f.buy_qty) * f.mark_micros + greatest(f.order_qty, 0) * v_price;
    v_low := (f.held_qty - f.sell_qty) * f.mark_micros + least(f.order_qty, 0) * v_price;
    v_worst := greatest(v_high, -v_low);
    return case
        when v_low < 0 and f.order_qty < 0 and not l.allow_short then 'SHORT_NOT_ALLOWED'
        when v_low < 0 and f.order_qty < 0 and f.restriction = 'SHORT' then 'SHORT_RESTRICTED'
        when v_low < 0 and f.order_qty < 0 and f.mark_micros * 10 <= f.reference_micros * 9
            then 'SHORT_SALE_RULE'
        when v_worst > l.max_position_micros then 'MAX_POSITION'
        when v_worst::numeric * 10000 > f.equity_micros::numeric * l.max_concentration_bps
            then 'MAX_CONCENTRATION'
        when f.other_gross + v_worst > l.max_gross_exposure_micros then 'MAX_GROSS_EXPOSURE'
        when greatest(f.other_high + v_high, -f.other_low - v_low) > l.max_net_exposure_micros
            then 'MAX_NET_EXPOSURE'
        when (f.other_gross + v_worst)::numeric * 10000 > f.equity_micros::numeric * l.max_leverage_bps
            then 'MAX_LEVERAGE'
        when f.orders >= l.max_orders then 'ORDER_RATE'
        when f.messages >= l.max_messages then 'MESSAGE_RATE'
        when f.repeats >= l.max_repeats then 'REPEATED_EXECUTION'
        else risk.find_pdt_denial(l, f) end;
end;
$function$;

comment on function risk.find_denial(risk.limits, risk.order_facts) is
$$The first rule that denies an order, or null. What a position may become counts: every unfinished order
is taken as filled, those of one side at a time, in this symbol and in all others.
Why: an order that only reduces a position always passes: a limit must never lock us in. Equal to a
limit is allowed; anything unknown denies. An order with prices is worth the highest of them and the mark,
and each of them lies within the collar around the mark. PROTECTED_POSITION: beside a protective stop such
an order may only open. SHORT_SALE_RULE: no short after a fall of a tenth.
Raises: 22003 overflow.$$;
