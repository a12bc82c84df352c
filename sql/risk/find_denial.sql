create or replace function risk.find_denial(
    p_limits       risk.limits,
    p_kind         text,
    p_order_qty    bigint,
    p_before_qty   bigint,
    p_mark_micros  bigint,
    p_other_micros bigint
)
returns text
language sql
immutable
parallel safe
return case
    when p_kind = 'INDEX' then 'NOT_TRADABLE'
    when sign(p_before_qty) * sign(p_order_qty) < 0 and abs(p_order_qty) <= abs(p_before_qty)
        then null
    when num_nulls(p_before_qty, p_order_qty, p_mark_micros, p_other_micros) > 0
        then 'NO_REFERENCE_PRICE'
    when abs(p_order_qty) > p_limits.max_order_qty then 'MAX_ORDER_QTY'
    when abs(p_order_qty) * p_mark_micros > p_limits.max_order_notional_micros
        then 'MAX_ORDER_NOTIONAL'
    when p_before_qty + p_order_qty < 0 and not p_limits.allow_short then 'SHORT_NOT_ALLOWED'
    when abs(p_before_qty + p_order_qty) * p_mark_micros > p_limits.max_position_micros
        then 'MAX_POSITION'
    when p_other_micros + abs(p_before_qty + p_order_qty) * p_mark_micros
         > p_limits.max_gross_exposure_micros then 'MAX_GROSS_EXPOSURE'
end;

comment on function risk.find_denial(risk.limits, text, bigint, bigint, bigint, bigint) is
$$The first rule that denies an order, or null. p_before_qty: signed shares held plus those in open
orders; p_other_micros: gross exposure of all other symbols, open orders included.
Why: an order that only reduces a position always passes: a limit must never lock us in. Equal to a
limit is allowed; anything unknown denies.
Raises: 22003 overflow.$$;
