create or replace function risk.is_reducing(
    p_held_qty  bigint,
    p_buy_qty   bigint,
    p_sell_qty  bigint,
    p_order_qty bigint
)
returns boolean
language sql
immutable
parallel safe
return coalesce(
    p_held_qty > 0 and p_order_qty < 0 and p_sell_qty - p_order_qty <= p_held_qty
    or p_held_qty < 0 and p_order_qty > 0 and p_buy_qty + p_order_qty <= -p_held_qty, false);

comment on function risk.is_reducing(bigint, bigint, bigint, bigint) is
$$True when an order of p_order_qty signed shares can only bring a position nearer to zero, whatever of
the other unfinished orders (p_buy_qty, p_sell_qty: unsigned) is filled, and in whatever order.
Why: a flip is not a reduction, and neither are two orders that close the same shares.$$;
