create or replace function recon.is_explained_cash(
    p_missing_micros   bigint,
    p_actions          jsonb,
    p_tolerance_micros bigint
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive acts as (
        select row_number() over (order by a.ordinality) as nth,
               (a.value ->> 'cash_micros')::bigint as cash_micros
          from jsonb_array_elements(p_actions) with ordinality as a
         where (a.value ->> 'cash_micros')::bigint <> 0
         limit 8
    ), sums (nth, total) as (
        select 0::bigint, 0::bigint
         union all
        select a.nth, s.total + t.taken * a.cash_micros
          from sums as s
          join acts as a on a.nth = s.nth + 1
         cross join (values (0), (1)) as t (taken)
    )
    select coalesce(bool_or(s.total <> 0
                            and abs(s.total - p_missing_micros) <= p_tolerance_micros), false)
      from sums as s;
$function$;

comment on function recon.is_explained_cash(bigint, jsonb, bigint) is
$$True when the cash that the broker has less than we is the cash of some of the corporate actions booked of
late (at most eight are looked at), within the tolerance.$$;
