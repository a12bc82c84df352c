create or replace function ref.list_instruments(
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
set search_path = pg_catalog, pg_temp
as $function$
    select p.symbol, i.exchange_id, p.instrument_kind, p.name, nullif(p.listed_on, '-infinity'),
           nullif(p.delisted_on, 'infinity'), p.formerly, n.symbol, c.classes
      from ref.list_periods() as p
      join ref.instruments as i using (symbol)
      left join ref.listings as n on n.formerly = p.symbol and n.effective_on = p.delisted_on
     cross join lateral (
        select jsonb_object_agg(s.scheme, ref.get_class(p.symbol, s.scheme, p.delisted_on - 1)) as classes
          from (select distinct c.scheme from ref.classifications as c
                 where c.symbol = p.symbol) as s) as c
     where p.is_listed
       and p.symbol = coalesce(p_symbol, p.symbol)
     order by p.symbol collate "C", p.listed_on;
$function$;

comment on function ref.list_instruments(text) is
$$What names stood for (p_symbol null: all), by period, with the name before and after. Null days: since
ever, until further notice. classes: by scheme, at the end of the period.$$;
