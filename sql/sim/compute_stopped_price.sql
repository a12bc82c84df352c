create or replace function sim.compute_stopped_price(
    p_order_qty         bigint,
    p_stop_price_micros bigint,
    p_open_micros       bigint,
    p_slippage_bps      bigint
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_order_qty > 0 then
        greatest(p_open_micros, p_stop_price_micros)
        + core.scale_up(greatest(p_open_micros, p_stop_price_micros), p_slippage_bps)
    else
        greatest(
            least(p_open_micros, p_stop_price_micros)
            - core.scale_up(least(p_open_micros, p_stop_price_micros), p_slippage_bps), 1)
end;

comment on function sim.compute_stopped_price(bigint, bigint, bigint, bigint) is
$$Price in micros at which a stop fills in the bar that touches it: at its price, or at the open beyond it,
and slippage always costs.$$;
