create or replace function md.list_unlisted_bars()
returns table (
    symbol     text,
    session_on date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select n.symbol, min(b.session_on)
      from (select p.symbol, p.listed_on as from_on, p.delisted_on as until_on
              from ref.list_periods() as p
             where not p.is_listed
             union all
            select p.symbol, '-infinity', min(p.listed_on)
              from ref.list_periods() as p
             group by p.symbol) as n
     cross join ref.timeframes as t
      join md.bars as b
        on b.symbol = n.symbol
       and b.timeframe = t.timeframe
       and b.bar_end_at > (n.from_on - 1)::timestamp at time zone 'UTC'
       and b.bar_end_at < (n.until_on + 1)::timestamp at time zone 'UTC'
       and b.session_on >= n.from_on
       and b.session_on < n.until_on
     group by n.symbol
     order by n.symbol collate "C";
$function$;

comment on function md.list_unlisted_bars() is
$$Names that have a stored bar of a session on which they stood for nothing, and the first such session.
Why: the key of the bars leads with name, timeframe and end, so only the bars in question are read; a
session ends within a day of its date anywhere.$$;
