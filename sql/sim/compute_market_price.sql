create or replace function sim.compute_market_price(
    p_fill_profile text,
    p_order_qty    bigint,
    p_open_micros  bigint,
    p_high_micros  bigint,
    p_low_micros   bigint,
    p_slippage_bps bigint
)
returns bigint
language sql
immutable
parallel safe
return case
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

comment on function sim.compute_market_price(text, bigint, bigint, bigint, bigint, bigint) is
$$Price in micros at which an order at the market fills in a bar: worst_case buys at the high and sells at
the low; next_open trades the open; slippage always costs.$$;
