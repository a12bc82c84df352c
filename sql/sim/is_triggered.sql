create or replace function sim.is_triggered(
    p_order_qty         bigint,
    p_stop_price_micros bigint,
    p_high_micros       bigint,
    p_low_micros        bigint
)
returns boolean
language sql
immutable
parallel safe
return case when p_order_qty > 0 then p_high_micros >= p_stop_price_micros
            else p_low_micros <= p_stop_price_micros end;

comment on function sim.is_triggered(bigint, bigint, bigint, bigint) is
$$Whether a bar touches a stop; null without one. From then on the order trades as one at the market, or
as a limit order if it has a limit.$$;
