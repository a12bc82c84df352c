create or replace function lab.hash_strategy(
    p_strategy_id text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.hash_text(string_agg(pg_get_functiondef(f.room_function), e'\n' order by f.nth))
      from (values (1, lab.find_strategy('strat', p_strategy_id)::oid),
                   (2, lab.find_strategy('lab', p_strategy_id)::oid)) as f (nth, room_function)
     where f.room_function is not null;
$function$;

comment on function lab.hash_strategy(text) is
$$SHA-256 of the functions of a SQL strategy, as the catalog has them; null: there are none.$$;
