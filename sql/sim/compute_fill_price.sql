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
    when p_limit_price_micros is not null then
        case when p_order_qty > 0 and p_low_micros < p_limit_price_micros then p_limit_price_micros
             when p_order_qty < 0 and p_high_micros > p_limit_price_micros then p_limit_price_micros
        end
    when p_stop_price_micros is not null then
        case when p_order_qty > 0 and p_high_micros >= p_stop_price_micros
             then greatest(p_open_micros, p_stop_price_micros)
                  + core.scale_up(greatest(p_open_micros, p_stop_price_micros), p_slippage_bps)
             when p_order_qty < 0 and p_low_micros <= p_stop_price_micros
             then greatest(least(p_open_micros, p_stop_price_micros)
                  - core.scale_up(least(p_open_micros, p_stop_price_micros), p_slippage_bps), 1)
        end
    when p_order_qty > 0 then
        case p_fill_profile when 'worst_case' then p_high_micros else p_open_micros end
        + core.scale_up(
            case p_fill_profile when 'worst_case' then p_high_micros else p_open_micros end,
            p_slippage_bps)
    else
        greatest(
            case p_fill_profile when 'worst_case' then p_low_micros else p_open_micros end
            - core.scale_up(
                case p_fill_profile when 'worst_case' then p_low_micros else p_open_micros end,
                p_slippage_bps), 1)
end;

comment on function sim.compute_fill_price(
    text, bigint, bigint, bigint, bigint, bigint, bigint, bigint) is
$$Price in micros at which an order fills in a bar, or null when it does not.
worst_case buys at the high and sells at the low; next_open trades the open; slippage always costs.
A limit fills at its price, and only when the bar trades through it. A stop that the bar touches fills at
its price or at the open beyond it, less slippage.
Why: what a bar leaves open is resolved against us.$$;
