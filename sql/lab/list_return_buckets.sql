create or replace function lab.list_return_buckets(
    p_equity bigint[]
)
returns table (
    from_bps integer,
    to_bps   integer,
    sessions bigint
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with returns as (
        select greatest(-1000000, least(1000000, floor(
                   (e.value::numeric / e.before - 1) * 10000)))::integer as bps
          from (select e.value, lag(e.value) over (order by e.position) as before
                  from unnest(p_equity) with ordinality as e (value, position)) as e
         where e.before > 0
    ), width as (
        select min(w.bps) as bps
          from (select min(r.bps) as low, max(r.bps) as high from returns as r) as s
          join unnest(array[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000]) as w (bps)
            on (s.high - s.low) / w.bps < 40
    ), buckets as (
        select floor(r.bps::numeric / w.bps)::integer as place, w.bps
          from returns as r cross join width as w
    )
    select p.place * w.bps, (p.place + 1) * w.bps,
           (select count(*) from buckets as b where b.place = p.place)
      from width as w
     cross join generate_series((select min(b.place) from buckets as b),
                                (select max(b.place) from buckets as b)) as p (place)
     order by 1;
$function$;

comment on function lab.list_return_buckets(bigint[]) is
$$How many steps of an equity curve returned how much, in some 40 buckets of a round width: from_bps and
more, less than to_bps; what is beyond a hundredfold counts as that.$$;
