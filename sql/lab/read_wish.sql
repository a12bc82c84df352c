create or replace function lab.read_wish(
    p_signal jsonb
)
returns jsonb
language sql
immutable
parallel safe
return case
    when jsonb_typeof(p_signal) <> 'array' then null
    when jsonb_array_length(p_signal) not in (4, 7) then null
    when p_signal -> 4 is null then p_signal -> 3
    else jsonb_build_object('qty', p_signal -> 3, 'order_type', p_signal -> 4,
                            'limit_price_micros', p_signal -> 5, 'stop_price_micros', p_signal -> 6) end;

comment on function lab.read_wish(jsonb) is
$$What a signal [tick, symbol, kind, amount] or [..., amount, order type, limit price, stop price] wants, in
the form of strat.parse_target; null for any other.$$;
