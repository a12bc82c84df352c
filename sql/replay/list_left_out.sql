create or replace function replay.list_left_out()
returns table (
    table_name  text,
    key_columns text[],
    left_out    text[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p.table_name, p.key_columns, p.left_out || array(
               select a.attname::text from pg_attribute as a
                where a.attrelid = to_regclass(p.table_name) and a.attgenerated <> ''
                  and a.attname !~ '_sha256$')
      from replay.places as p
     where p.place = 'STATE';
$function$;

comment on function replay.list_left_out() is
$$The tables of state with what names a row, and the columns that are not compared: those that the diary
does not tell and those that Postgres computes from the others, but for digests.$$;
