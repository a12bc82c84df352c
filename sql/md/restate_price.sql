create or replace function md.restate_price(
    p_symbol       text,
    p_price_micros bigint,
    p_priced_at    timestamptz,
    p_now_at       timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.restate_price(p_price_micros, f.ratio_den, f.ratio_num)
      from md.get_split_factor(p_symbol, p_priced_at, p_now_at) as f;
$function$;

comment on function md.restate_price(text, bigint, timestamptz, timestamptz) is
$$A price of p_priced_at, in micros, as a price of the shares of p_now_at: over the splits between,
rounded once, half away from zero; at least 1. An unknown price stays unknown.$$;
