create or replace function api.md_load_classifications(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ref.load_classifications(p_rows, p_now_at);
$function$;

comment on function api.md_load_classifications(jsonb, timestamptz) is
$$Loads classes of instruments; gives how many were new.
Raises: MQA05; MQA10; 23503.$$;
