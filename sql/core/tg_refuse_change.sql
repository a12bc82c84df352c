create or replace function core.tg_refuse_change()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.raise_error('MQI04', format('%s on %s.%s', tg_op, tg_table_schema, tg_table_name));
    return null;
end;
$function$;

comment on function core.tg_refuse_change() is
$$Refuses the statement it is attached to.
Why: history tables take inserts only, whoever asks.
Raises: MQI04.$$;
