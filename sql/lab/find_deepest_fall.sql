create or replace function lab.find_deepest_fall(
    p_equity        bigint[],
    out peak_at     integer,
    out bottom_at   integer,
    out recovered_at integer
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with marked as (
        select e.position::integer as position, e.value, max(e.value) over (order by e.position) as peak
          from unnest(p_equity) with ordinality as e (value, position)
    ), bottom as (
        select m.position, m.peak
          from marked as m
         where m.value < m.peak and m.peak > 0
         order by m.value::numeric / m.peak, m.position
         limit 1
    )
    select (select max(m.position) from marked as m
             where m.position < b.position and m.value = b.peak),
           b.position,
           (select min(m.position) from marked as m
             where m.position > b.position and m.value >= b.peak)
      from bottom as b;
$function$;

comment on function lab.find_deepest_fall(bigint[]) is
$$Where the deepest fall of an equity curve began, where it was deepest (the first of equals) and where the
peak was reached again, as places in the array from 1; no fall: all null; recovered_at null: never.$$;
