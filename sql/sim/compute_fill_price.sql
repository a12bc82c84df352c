create or replace function sim.compute_fill_price(
    p_fill_profile       text,
    p_order_qty          bigint,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_open_micros        bigint,
    p_high_micros        bigint,
    p_low_micros         bigint,
    p_slippage_bps       bigint
)
returns bigint
language sql
immutable
parallel safe
return case
    when not sim.is_triggered(p_order_qty, p_stop_price_micros, p_high_micros, p_low_micros) then null
    when p_stop_price_micros is not null and p_limit_price_micros is null then
        sim.compute_stopped_price(p_order_qty, p_stop_price_micros, p_open_micros, p_slippage_bps)
    when p_stop_price_micros is not null and p_order_qty > 0 then
        case when p_limit_price_micros > case when p_open_micros >= p_stop_price_micros then p_low_micros
                                              else p_stop_price_micros end
             then least(p_limit_price_micros, sim.compute_stopped_price(
                  p_order_qty, p_stop_price_micros, p_open_micros, p_slippage_bps)) end
    when p_stop_price_micros is not null then
        case when p_limit_price_micros < case when p_open_micros <= p_stop_price_micros then p_high_micros
                                              else p_stop_price_micros end
             then greatest(p_limit_price_micros, sim.compute_stopped_price(
                  p_order_qty, p_stop_price_micros, p_open_micros, p_slippage_bps)) end
    when p_limit_price_micros is null then
        sim.compute_market_price(
            p_fill_profile, p_order_qty, p_open_micros, p_high_micros, p_low_micros, p_slippage_bps)
    when p_order_qty > 0 and p_low_micros < p_limit_price_micros then
        least(p_limit_price_micros, sim.compute_market_price(
            p_fill_profile, p_order_qty, p_open_micros, p_high_micros, p_low_micros, p_slippage_bps))
    when p_order_qty < 0 and p_high_micros > p_limit_price_micros then
        greatest(p_limit_price_micros, sim.compute_market_price(
            p_fill_profile, p_order_qty, p_open_micros, p_high_micros, p_low_micros, p_slippage_bps))
end;

comment on function sim.compute_fill_price(
    text, bigint, bigint, bigint, bigint, bigint, bigint, bigint) is
$$Price in micros at which an order fills in a bar, or null when it does not. p_stop_price_micros: null
once the stop is triggered.
A limit fills only when the bar trades through it (a touch is not enough), at what the market would take,
never worse than its price. A stop that the bar touches fills at its price or at the open beyond it, less
slippage; one with a limit only if the price must then have been within the limit: the open was beyond the
stop and the bar trades through the limit later, or the limit is beyond the stop.
Why: what a bar leaves open is resolved against us.$$;
