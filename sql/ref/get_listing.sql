create or replace function ref.get_listing(
    p_symbol text,
    p_on     date
)
returns ref.listings
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.*
      from ref.listings as l
     where l.symbol = p_symbol
       and l.effective_on <= p_on
     order by l.effective_on desc
     limit 1;
$function$;

comment on function ref.get_listing(text, date) is
$$What a name stands for on a day: the last row of it that is in force, or null before its first.$$;
