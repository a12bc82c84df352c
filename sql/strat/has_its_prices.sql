create or replace function strat.has_its_prices(
    p_wish strat.wish
)
returns boolean
language sql
immutable
parallel safe
return coalesce(
    case (p_wish).order_type
         when 'MARKET' then num_nonnulls((p_wish).limit_price_micros, (p_wish).stop_price_micros) = 0
         when 'LIMIT' then core.is_on_tick((p_wish).limit_price_micros)
                           and (p_wish).stop_price_micros is null
         when 'STOP' then core.is_on_tick((p_wish).stop_price_micros)
                          and (p_wish).limit_price_micros is null
         when 'STOP_LIMIT' then core.is_on_tick((p_wish).limit_price_micros)
                                and core.is_on_tick((p_wish).stop_price_micros) end, false);

comment on function strat.has_its_prices(strat.wish) is
$$Whether an order type is known and has exactly the prices that belong to it, each on a tick.$$;
