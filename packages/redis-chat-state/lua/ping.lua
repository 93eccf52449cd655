-- Whether scripts run here.
-- RETURNS { 1 }

return { 1 }
