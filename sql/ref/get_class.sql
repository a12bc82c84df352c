create or replace function ref.get_class(
    p_symbol text,
    p_scheme text,
    p_on     date
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.code
      from ref.classifications as c
     where c.symbol = p_symbol
       and c.scheme = p_scheme
       and c.effective_on <= p_on
     order by c.effective_on desc
     limit 1;
$function$;

comment on function ref.get_class(text, text, date) is
$$The class of a scheme that an instrument belongs to on a day, or null.$$;
