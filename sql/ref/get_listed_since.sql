create or replace function ref.get_listed_since(
    p_symbol text,
    p_on     date
)
returns date
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select max(p.listed_on)
      from (select p.*, lag(p.is_listed, 1, false) over (order by p.listed_on) as was_listed
              from ref.list_periods() as p
             where p.symbol = p_symbol) as p
     where p.is_listed
       and not p.was_listed
       and p.listed_on <= p_on;
$function$;

comment on function ref.get_listed_since(text, date) is
$$Since when a name has stood, without a pause, for what it stands for on a day; null if it never did.
Why: a window of bars must not reach into another company that had the name.$$;
