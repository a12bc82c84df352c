create or replace function core.raise_error(
    p_code   text,
    p_detail text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_law text;
    v_fix text;
begin
    select c.law, c.fix into v_law, v_fix from core.error_codes as c where c.error_code = p_code;
    raise exception using
        errcode = case when v_law is null then 'MQI01' else p_code end,
        message = coalesce(v_law, 'an error code must be registered'),
        detail  = coalesce(case when v_law is null then p_code else p_detail end, ''),
        hint    = coalesce(v_fix || ' ', '') || '(docs/errors.md#' || lower(p_code) || ')';
end;
$function$;

comment on function core.raise_error(text, text) is
$$Raises a registered error: message = its law, detail = the values, hint = the fix.
Why: one wording a law, wherever it is broken.
Raises: p_code; MQI01 when p_code is not in core.error_codes.$$;
