create or replace function api.md_load_instruments(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.load_instruments(p_rows, p_now_at);
$function$;

comment on function api.md_load_instruments(jsonb, timestamptz) is
$$Loads what names stand for; gives how many facts were new.
Raises: MQA05; MQA02; MQA10; 23503.$$;
