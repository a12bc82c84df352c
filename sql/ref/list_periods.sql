create or replace function ref.list_periods()
returns table (
    symbol          text,
    listed_on       date,
    delisted_on     date,
    is_listed       boolean,
    instrument_kind text,
    name            text,
    formerly        text
)
language sql
stable
begin atomic
    select l.symbol, l.effective_on,
           coalesce(lead(l.effective_on) over (partition by l.symbol order by l.effective_on), 'infinity'),
           l.is_listed, l.instrument_kind, l.name, l.formerly
      from ref.listings as l;
end;

comment on function ref.list_periods() is
$$What every name stood for, by period: listed_on is its first day, delisted_on the first day after it.
Why a parsed body: what a caller asks of one name reaches the index.$$;
