create or replace function strat.parse_target(
    p_value jsonb
)
returns strat.wish
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wish strat.wish;
begin
    v_wish.order_type := 'MARKET';
    if jsonb_typeof(p_value) is distinct from 'object' then
        v_wish.target_qty := core.parse_shares(p_value #>> '{}');
    else
        v_wish.target_qty := core.parse_shares(p_value ->> 'qty');
        v_wish.order_type := coalesce(p_value ->> 'order_type', 'MARKET');
        v_wish.limit_price_micros := core.parse_shares(p_value ->> 'limit_price_micros');
        v_wish.stop_price_micros := core.parse_shares(p_value ->> 'stop_price_micros');
        if p_value - array['qty', 'order_type', 'limit_price_micros', 'stop_price_micros'] <> '{}'
           or num_nonnulls(v_wish.limit_price_micros, v_wish.stop_price_micros)
              <> num_nonnulls(p_value ->> 'limit_price_micros', p_value ->> 'stop_price_micros')
           or not strat.has_its_prices(v_wish)
        then
            return null;
        end if;
    end if;
    return case when v_wish.target_qty is not null then v_wish end;
end;
$function$;

comment on function strat.parse_target(jsonb) is
$$What a strategy wants of a symbol: signed whole shares at the market, or {qty, order_type,
limit_price_micros, stop_price_micros} with the prices that the type has; null when it cannot be read.$$;
