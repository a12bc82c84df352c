create or replace function md.type_rows(
    p_rows jsonb
)
returns table (
    line_no     bigint,
    symbol      text,
    exchange_id text,
    timeframe   text,
    times       integer,
    day_on      date,
    start_at    timestamptz,
    end_at      timestamptz,
    o           bigint,
    h           bigint,
    l           bigint,
    c           bigint,
    v           bigint,
    flag        text,
    is_whole    boolean,
    told        text
)
language sql
stable
begin atomic
    select md.read_count(r.line_no, p.yes), r.symbol, i.exchange_id, r.timeframe,
           num_nonnulls(r.session_on, r.starts_at, r.ends_at), core.parse_date(r.session_on),
           md.read_time(r.starts_at, p.yes), md.read_time(r.ends_at, p.yes),
           md.read_micros(r.open, p.yes), md.read_micros(r.high, p.yes),
           md.read_micros(r.low, p.yes), md.read_micros(r.close, p.yes),
           md.read_count(r.volume, p.yes), coalesce(r.is_complete, 'true'), r.is_whole, r.told
      from md.read_rows(p_rows) as r
     cross join (select md.is_plain(p_rows) as yes offset 0) as p
      left join ref.instruments as i on i.symbol = r.symbol;
end;

comment on function md.type_rows(jsonb) is
$$Every row of a batch in types; what cannot be read is null. times: how many of session_on, starts_at and
ends_at it has.$$;
