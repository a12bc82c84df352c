create or replace function md.read_rows(
    p_rows jsonb
)
returns setof md.told_bar
language sql
stable
begin atomic
    with place as (
        select p.wide, n.*
          from (select count(*) as wide, coalesce(jsonb_object_agg(c.name, c.nth), '{}') as nth
                  from jsonb_array_elements_text(p_rows -> 'columns') with ordinality as c (name, nth)
               ) as p
          cross join lateral jsonb_to_record(p.nth) as n (
               line_no integer, symbol integer, timeframe integer, session_on integer,
               starts_at integer, ends_at integer, open integer, high integer, low integer,
               close integer, volume integer, is_complete integer)
    )
    select r.line_no, r.symbol, r.timeframe, r.session_on, r.starts_at, r.ends_at, r.open, r.high,
           r.low, r.close, r.volume, r.is_complete, true,
           format('%s %s o=%s h=%s l=%s c=%s v=%s', r.symbol,
                  coalesce(r.session_on, r.starts_at, r.ends_at), r.open, r.high, r.low, r.close,
                  r.volume)
      from jsonb_to_recordset(case jsonb_typeof(p_rows) when 'array' then p_rows else '[]' end) as r (
           line_no text, symbol text, timeframe text, session_on text, starts_at text, ends_at text,
           open text, high text, low text, close text, volume text, is_complete text)
     union all
    select l.f[p.line_no], l.f[p.symbol], l.f[p.timeframe], l.f[p.session_on], l.f[p.starts_at],
           l.f[p.ends_at], l.f[p.open], l.f[p.high], l.f[p.low], l.f[p.close], l.f[p.volume],
           l.f[p.is_complete], cardinality(l.f) = p.wide, l.line
      from (select string_to_array(l.line, e'\t') as f, l.line
              from string_to_table(p_rows ->> 'lines', e'\n') as l (line)
            offset 0) as l
      cross join place as p;
end;

comment on function md.read_rows(jsonb) is
$$The rows of a batch as text. p_rows is an array of objects, or {"columns": [names], "lines": text}:
a line a row, its fields parted by tabs, in the order of the columns.
Why: to take a hundred thousand objects apart costs more than to judge them.$$;
