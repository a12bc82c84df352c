create or replace function api.md_instruments(
    p_symbol text
)
returns table (
    symbol          text,
    exchange_id     text,
    instrument_kind text,
    name            text,
    listed_on       date,
    delisted_on     date,
    formerly        text,
    became          text,
    classes         jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.exchange_id, f.instrument_kind, f.name, f.listed_on, f.delisted_on, f.formerly,
           f.became, f.classes
      from ref.list_instruments(p_symbol) as f;
$function$;

comment on function api.md_instruments(text) is
$$What names stood for (p_symbol null: all), by period; the classes are those at its end.$$;
