create or replace function md.list_gaps(
    p_symbol text,
    p_from_on date,
    p_now_at timestamptz
)
returns table (
    session_on date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.session_on
      from ref.instruments as i
      join ref.sessions as s using (exchange_id)
     where i.symbol = p_symbol
       and s.session_on >= greatest(p_from_on, i.listed_on)
       and s.session_on < coalesce(i.delisted_on, 'infinity')
       and s.closes_at <= p_now_at
       and not exists (
        select from md.bars as b
         where b.symbol = p_symbol and b.timeframe = '1D' and b.bar_end_at = s.closes_at)
     order by s.session_on;
$function$;

comment on function md.list_gaps(text, date, timestamptz) is
$$Sessions from p_from_on on that had closed by p_now_at and for which the symbol has no daily bar.
Why: gaps are counted in exchange sessions; a holiday is none.$$;
