create or replace function strat.format_target(
    p_row jsonb
)
returns jsonb
language sql
immutable
parallel safe
return case
    when coalesce(p_row ->> 'order_type', 'MARKET') = 'MARKET'
         and num_nonnulls(p_row ->> 'limit_price_micros', p_row ->> 'stop_price_micros') = 0
    then p_row -> 'target_qty'
    else jsonb_strip_nulls(jsonb_build_object(
        'qty', p_row -> 'target_qty', 'order_type', p_row -> 'order_type',
        'limit_price_micros', p_row -> 'limit_price_micros',
        'stop_price_micros', p_row -> 'stop_price_micros'))
end;

comment on function strat.format_target(jsonb) is
$$A row of a SQL strategy as a target: its shares, with order type and prices if it has those columns and
does not want the market.$$;
